"""The thoughts of the desk's gold agent before it acts: known facts, and the rule that decides.

They are short and use few different words, like its replies: a small model has to learn them.
"""

from __future__ import annotations

UNKNOWN = "Neither the wish nor the customer number is known: ask for both."
ASK_CUSTOMER = "find_orders needs the customer number, which is not known yet."
FIND = "Customer {customer} means the {item}: find_orders lists it."
LOOK_UP = "The user names order {order}: get_order shows it."
NO_CUSTOMER = "There is no customer {number}: ask again."
NO_ORDER = "There is no order {number}: ask again."
ASK_REASON = "Order {order} is pending, so it can be cancelled; the reason is missing."
ASK_CITY = "Order {order} is pending, so it can go elsewhere; the city is missing."
CANCEL = "Order {order} is pending, and the reason is {reason}: it can be cancelled."
CITY = "Order {order} is pending, and the city is {city}: it can be changed."
CHECK_RETURN = "Whether order {order} can be returned depends on its days: get_order shows them."
RETURN = "Order {order} was delivered {days} days ago, not more than {limit}: it can be returned."
CHECK_REFUSED = "Order {order} is {status}, not pending: refuse; get_order shows the days to tell."
REFUSE = "Order {order_id} is {status}, {days} days: the rules do not let me {action}."
QUESTION = "The user asks about order {order}: get_order shows the answer."
ANSWER = "The question is about {topic}; order {order_id} is {status}."
REPORT = "Order {order_id} is done: tell the {told}."
TRANSFER = "No tool is for {topic}: the rules hand other requests over to a human."
GOODBYE = "The user wants nothing more."
