"""Plans: many outlets in order, paused and resumed, approved by a second person, put back."""
