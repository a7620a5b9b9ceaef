"""HubSpot's marketing side: forms, e-mail events, marketing events, subscription preferences, web events."""
