"""Pictures drawn by Pillow alone, decided by the prompt's words and the seed."""
