"""Reading a whole message: a lead, a note, a reminder, a stage move, a question about an order.

`understanding` says what can come of it and what is asked of those who read; `rules` are our own reader, which tries
one kind after another: `orders`, `moves`, `reminding`, `noting`, `leads`. A lead is taken apart on a `sheet`, where
each part that is understood is crossed out: what stands there in the end goes to the notes, so nothing is lost.
"""
