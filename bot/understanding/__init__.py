"""From one message to a conversation filled in: what readers may ask of the company, and answers out of readings."""
