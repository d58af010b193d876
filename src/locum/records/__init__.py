"""Records of patients: plain tables, and raw records of general practice read into one contract."""
