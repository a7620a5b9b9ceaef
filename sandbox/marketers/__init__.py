"""The people around marketing: a seeded script of the audience, and of those who keep its records by hand."""
