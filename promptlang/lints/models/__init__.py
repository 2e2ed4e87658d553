"""What there is to say about models, their families and what is added to them."""
