"""The replies of the airline's gold agent, in several wordings each."""

from __future__ import annotations

ASK_USER = (
    "I'd be glad to help. Could you give me your user id, please?",
    "Happy to help. What is your user id?",
    "Of course. May I have your user id first?",
    "Certainly. To begin with, please tell me your user id.",
    "Let me find your profile first. What's your user id?",
)
ASK_USER_AGAIN = (
    "I'm sorry, there is no customer with that id. Could you check your user id, please?",
    "I can't find anybody like that. What is the right user id?",
    "No profile matches that, I'm afraid. Could you check your user id?",
)
ASK_RESERVATION = (
    "Which reservation is it about? Please give me the reservation id if you have it.",
    "Could you tell me the reservation id?",
    "What is the reservation number?",
    "Which of your reservations do you mean?",
)
ASK_RESERVATION_AGAIN = (
    "I can't find a reservation with that id. Could you check the reservation id, please?",
    "There is no such reservation, I'm afraid. What is the right reservation id?",
    "That reservation number is not found. Could you look it up again?",
)
ASK_REASON = (
    "May I ask why you want to cancel it?",
    "What is the reason for the cancellation?",
    "Could you tell me the reason?",
    "Why would you like to cancel?",
)
ASK_NEW_DATE = (
    "Which day shall I move it to?",
    "What is the new date?",
    "To which date shall I move it?",
    "What new date would you like?",
)
ASK_FLIGHT = (
    "Direct flights {places} on {day}: {flights}. Which flight would you like?",
    "I have found these {places} on {day}: {flights}. Which flight do you prefer?",
    "On {day} these go {places}: {flights}. Which flight shall I take?",
)
ASK_DIFFERENCE = (
    "Which payment method should I use for the difference in price, a gift card or a credit card?",
    "The price is different. Which payment method shall I use for the difference?",
    "Which payment method would you like to use for the price difference?",
)
ASK_NEW_CABIN = (
    "Which cabin would you like?",
    "What cabin class should it be?",
    "Which class would you like to change to?",
)
ASK_PASSENGER = (
    "Which passenger is it, and what are the new details (name and date of birth)?",
    "Please tell me which passenger, and the new name and date of birth.",
    "Who is the passenger, and what should the details be?",
)
ASK_MORE_BAGS = (
    "How many bags would you like to add?",
    "How many more checked bags will it be?",
    "How many bags shall I add?",
)
ASK_PAYMENT = (
    "Which payment method should I put down for it?",
    "Which payment method would you like to use?",
    "Which payment method shall I use for that?",
)
ASK_ROUTE = (
    "Where would you like to fly from and to, and is it one way or a round trip?",
    "From where to where would you like to go, one way or there and back?",
    "What are the origin and the destination, and is it one way or a round trip?",
)
ASK_DATE = (
    "What are the travel dates?",
    "On which date would you like to travel?",
    "When would you like to fly?",
)
ASK_CABIN = (
    "Which cabin would you like: basic economy, economy or business?",
    "Which cabin class should it be?",
    "What cabin class would you like?",
)
ASK_PEOPLE = (
    "Who is travelling? I need the first name, last name and date of birth of each passenger.",
    "Please tell me the passengers, with names and dates of birth.",
    "Who are the passengers, and what are their dates of birth?",
)
ASK_BAGS = (
    "How many checked bags will there be in all?",
    "How many bags would you like to check?",
    "What is the number of checked bags?",
)
ASK_INSURANCE = (
    "Would you like travel insurance, for $30 a passenger?",
    "Do you want to add travel insurance? It is $30 for each passenger.",
    "Would you like to add travel insurance to the trip? It is $30 a passenger.",
)
ASK_PAY = (
    "How would you like to pay?",
    "Which payment method would you like to use?",
    "Which payment method shall I charge?",
)
BOOK = (
    "I'll book {places} in {cabin}: {flights}, for {people}, with {bags}, {insurance}. The total "
    "of {price} is paid like this: {payments}.",
    "To sum up: {places}, {flights}, {cabin}, for {people}, {bags}, {insurance}. That comes to "
    "{price}: {payments}.",
)
BOOKED = (
    "Your trip is booked. The reservation id is {number}.",
    "Done, it has been booked as reservation {number}.",
    "All right, that's booked now. Your new reservation is {number}.",
)
CANCEL = (
    "I'll cancel the whole reservation {number} {places}. {amount} goes back the way it was paid, "
    "within 5 to 7 business days.",
    "This would cancel all of reservation {number} {places}. The refund of {amount} goes back the "
    "way it was paid.",
)
FLIGHTS = (
    "I'll change reservation {number} to flight {flight} on {day}. {money}",
    "So reservation {number} will be moved to flight {flight} on {day}. {money}",
)
CABIN = (
    "I'll change the whole reservation {number} to {cabin}. {money}",
    "So all flights of reservation {number} will be in {cabin}. {money}",
)
PASSENGER = (
    "On reservation {number}, {new}, born {dob}, will travel instead of {old}.",
    "So I put {new}, born {dob}, in the place of {old} on reservation {number}.",
)
BAGS = (
    "I'll add {bags} to reservation {number}, which makes {total} in all. {money}",
    "So there will be {bags} more on reservation {number}, {total} altogether. {money}",
)
COMPENSATION = (
    "I'm sorry about that. I can send you a travel certificate worth {amount}, for all passengers "
    "together.",
    "I have checked it, and I apologise. To make up for it, I can send you a certificate of "
    "{amount}.",
)
MORE_TO_PAY = "You pay {amount} more with {method}."
BACK_TO_YOU = "You get {amount} back to {method}."
NO_DIFFERENCE = "The price stays the same."
BAG_FEE = "The fee of {amount} is charged to {method}."
NO_BAG_FEE = "That is free of charge; I put down {method} for it."
CANCELLED = (
    "The reservation is cancelled now.",
    "Done, the reservation has been cancelled.",
    "Your trip has been cancelled.",
)
CHANGED = (
    "The change has been made.",
    "Done, that has been changed.",
    "All right, it has been updated.",
)
SENT = (
    "The certificate has been sent to you.",
    "Done, the certificate has been added to your profile.",
)
FOREIGN_REFUSED = (
    "I'm sorry, this reservation does not belong to your account, so I can't do anything about it.",
    "Unfortunately I cannot help with that reservation, since it belongs to somebody else.",
)
CANCEL_REFUSED = (
    "I'm sorry, I can't cancel it: it was booked more than 24 hours ago, it is not in business "
    "class, no flight was called off by us, and insurance does not cover this.",
    "Unfortunately that reservation cannot be cancelled. None of the conditions for that is met.",
    "I'm afraid it's not possible to cancel this reservation.",
)
BASIC_REFUSED = (
    "I'm sorry, this is a basic economy reservation, and its flights cannot be changed.",
    "Unfortunately I can't change the flights of a basic economy reservation.",
)
CERTIFICATE_REFUSED = (
    "I'm sorry, a certificate cannot be used for changes. Only a gift card or a credit card will "
    "do.",
    "Unfortunately I can't use a travel certificate for that, only a gift card or a credit card.",
)
POOR_REFUSED = (
    "I'm sorry, your {method} does not cover it, so I can't use it.",
    "Unfortunately there is not enough on your {method}, so that is not possible.",
)
SEATS_REFUSED = (
    "I'm sorry, there are not enough seats left, so I can't do that.",
    "Unfortunately there are too few seats, so that is not possible.",
)
COMPENSATION_REFUSED = (
    "I'm sorry for the trouble, but I can't offer any compensation for this reservation.",
    "I understand, but compensation is not possible for this reservation.",
)
UNTRUE_REFUSED = (
    "I have checked it, and that flight is not {state}, so I can't offer any compensation.",
    "According to our system the flight is not {state}. So I'm unable to compensate you.",
)
DELAY_REFUSED = (
    "I'm sorry for the delay, but without a change or cancellation I can't offer anything for it.",
    "I apologise for the delay. Unfortunately I cannot offer compensation for a delay alone.",
)
INSURANCE_REFUSED = (
    "I'm sorry, insurance can't be added after the booking.",
    "Unfortunately I cannot add insurance to a trip that is booked already.",
)
FEWER_BAGS_REFUSED = (
    "I'm sorry, bags can't be removed from a reservation.",
    "Unfortunately I cannot take bags off a reservation.",
)
PARTY_REFUSED = (
    "I'm sorry, the number of passengers can't be changed.",
    "Unfortunately I cannot change how many people travel on a reservation.",
)
DESTINATION_REFUSED = (
    "I'm sorry, the destination of a reservation can't be changed.",
    "Unfortunately I cannot change where a reservation goes.",
)
STATUS = (
    "The status of flight {flight} on {day} is: {status}.",
    "It is flight {flight} on {day}, and its status is: {status}.",
)
PAID = ("You paid {answer} for the trip {places}.", "The trip {places} cost {answer} in all.")
ALLOWANCE = (
    "On the trip {places}, {answer} checked bags are free in all.",
    "There are {answer} free checked bags in all on the trip {places}.",
)
UPGRADE = (
    "In {cabin} it would cost {answer} more, for everybody together.",
    "The difference to {cabin} would be {answer} more in all.",
)
DOWNGRADE = (
    "In {cabin} it would cost {answer} less, for everybody together.",
    "With {cabin} you would get {answer} back in all.",
)
FARE = (
    "The cheapest direct flight is {flight}, for {answer}.",
    "That is flight {flight}, at {answer}.",
)
BALANCE = (
    "There is {answer} on your gift cards altogether.",
    "Your gift cards come to {answer} in all.",
)
