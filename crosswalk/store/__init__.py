"""The hub database: one module for each aggregate, over ``hub`` (opening), ``tables`` and ``bulk`` (many rows)."""
