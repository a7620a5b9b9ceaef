"""One module for each change of the hub database, never edited once released."""
