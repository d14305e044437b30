"""The desk's users' words around their requests: greetings, numbers, thanks, goodbyes."""

from __future__ import annotations

GREETINGS = (
    "",
    "Hi.",
    "Hello.",
    "Hi there.",
    "Hello there.",
    "Good morning.",
    "Good evening.",
    "Hey.",
    "Hello, I hope you can help me.",
    "Hi, I have a request.",
    "Good day.",
    "Hi, it is about an order.",
)
"""Greetings before a first request."""
VAGUE = (
    "Hi, I need help with an order.",
    "Hello, can you help me?",
    "Hi, is this the order desk?",
    "Good morning, I have a question about an order.",
    "Hello, I would like some help, please.",
    "Hey, are you there?",
    "Hi, I have a problem with something I bought.",
    "Good evening, do you have a minute?",
    "Hello, it is about my shopping.",
    "Hi, can I ask you something?",
    "Good day, I need your support.",
    "Hello, I want to talk about an order of mine.",
)
"""First turns without a request."""
CUSTOMER = (
    "My customer number is {customer}.",
    "I am customer {customer}.",
    "Customer number {customer}.",
    "My number is {customer}.",
    "This is customer {customer}.",
    "You can find me under {customer}.",
    "I have the customer number {customer}.",
    "My customer id is {customer}.",
    "Customer {customer} here.",
    "I am registered as {customer}.",
    "The customer number is {customer}.",
    "You know me as customer {customer}.",
)
"""The customer number, told unasked."""
CUSTOMER_ANSWERS = (
    "{customer}.",
    "It is {customer}.",
    "Sure, {customer}.",
    "Of course, it is {customer}.",
    "My number is {customer}.",
    "My customer number is {customer}.",
    "Let me see. It is {customer}.",
    "Here it is: {customer}.",
    "Yes, {customer}.",
    "That would be {customer}.",
    "I am customer {customer}.",
    "One moment. {customer}.",
)
"""The customer number, as an answer."""
CORRECTIONS = (
    "Sorry, it is {number}.",
    "Oh, I meant {number}.",
    "My mistake, {number}.",
    "Let me look. It is {number}.",
    "I misread it, it is {number}.",
    "Then it must be {number}.",
    "Excuse me, {number}.",
    "Here it says {number}.",
    "{number}, sorry.",
    "I got it wrong. It is {number}.",
    "Oh no, it should be {number}.",
    "Please try {number}.",
)
"""The right number after a wrong one."""
CITY_ANSWERS = (
    "To {city}.",
    "{city}, please.",
    "It should go to {city}.",
    "{city}.",
    "Please send it to {city}.",
    "The new city is {city}.",
    "I live in {city} now.",
    "To {city}, please.",
    "My new home is in {city}.",
    "Make it {city}.",
    "I need it in {city}.",
    "Let it go to {city}.",
)
"""The city, as an answer."""
PLEASED = (
    "Great.",
    "Thank you.",
    "Perfect.",
    "Very good, thank you.",
    "Good.",
    "Wonderful.",
    "Thanks.",
    "Nice, thanks.",
    "That was quick.",
    "Excellent.",
    "All right.",
    "Good to know.",
)
"""Words after a request was met."""
SORRY = (
    "That is a pity.",
    "I see.",
    "Too bad.",
    "All right then.",
    "Okay, I understand.",
    "Hm, okay.",
    "Well, then not.",
    "I was afraid of that.",
    "Fine.",
    "What a shame.",
    "Oh, I see.",
    "Okay.",
)
"""Words after a refusal."""
LEADS = (
    "",
    "One more thing.",
    "I have another request.",
    "There is something else.",
    "Next.",
    "And now something else.",
    "Also this.",
    "Then another point.",
    "I am not done yet.",
    "Yes, there is more.",
    "Now to the next one.",
    "Yes, please.",
)
"""Words before a further request."""
GOODBYES = (
    "That is all, thank you.",
    "Thank you, goodbye.",
    "Thanks, bye.",
    "No, that is all. Thanks.",
    "Thank you for your help.",
    "No, thank you. Have a nice day.",
    "That was everything, thanks.",
    "Okay, thanks a lot.",
    "Nothing else, thank you.",
    "Thanks for the quick help.",
    "I am done, goodbye.",
    "Thank you very much, bye.",
)
"""Last turns."""
