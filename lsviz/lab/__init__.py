"""Live training: many small networks that differ only in alpha, trained together. PyTorch is imported when a job starts."""
