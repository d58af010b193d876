"""What the model learned, as a person reads it: who depends on whom, how much, and small trees in words."""
