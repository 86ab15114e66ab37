"""What all requests share, and the settings that change how the emulator behaves."""
