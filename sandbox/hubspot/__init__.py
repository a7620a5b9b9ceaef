"""A simulated HubSpot portal: CRM contacts, properties, owners, search, limits."""

TOKEN = "pat-na1-sandbox"
