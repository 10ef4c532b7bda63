"""The words on buttons, the same in every conversation: a contract with users and their help texts."""

from crm.core.text import T

SAVE = T("Save")
CONFIRM = T("Confirm")
SUBMIT = T("Submit")
EDIT = T("Edit")
BACK = T("Back")
SKIP = T("Skip")
CANCEL = T("Cancel")
CONTINUE = T("Continue")
ADD_LINE = T("Add another line")
NO_MORE_LINES = T("No more lines")
NEXT = T("Next")
PREVIOUS = T("Previous")
MORE_FIELDS = T("More fields")
REVIEW = T("To the review")
UNDO = T("Undo")
DISQUALIFY = T("Disqualify")
KEEP = T("Keep it so")
REMOVE_LINE = T("Take this line out")
THATS_ALL = T("That is all")
