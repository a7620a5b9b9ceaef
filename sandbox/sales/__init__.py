"""The people in sales: a seeded script that works the leads in the org as salespeople do."""
