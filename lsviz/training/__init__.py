"""The zoo: data, model, recipe, sweep. torch lives here; the app never imports it."""
