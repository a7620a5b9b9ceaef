"""What vendors and networks do to a client, on demand: by endpoint, at the nth call or by chance with a seed."""
