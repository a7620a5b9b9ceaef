"""A simulated HubSpot portal: CRM objects, associations, properties, owners, search, limits."""

TOKEN = "pat-na1-sandbox"
