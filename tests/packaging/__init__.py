"""What surrounds the program: setting up, the arrows between the rooms, the pins."""
