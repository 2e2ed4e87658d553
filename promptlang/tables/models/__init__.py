"""What is known of models: families and their variants, what each can do, encoders, and models by name."""
