"""Sign-ins at providers that this project did not write, and in the shape of the large ones."""
