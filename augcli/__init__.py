"""augment: a labelled image dataset and one YAML recipe in, a larger dataset that can be trusted out."""

__version__ = "0.1.0"
