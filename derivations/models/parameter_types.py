"""Kinds of numbers in a network, and whether training changes them."""

from __future__ import annotations

from typing import NamedTuple


class ParameterType(NamedTuple):
    """What it is called, examples, and whether gradient descent learns it."""

    title: str
    examples: str
    learnable: bool


PARAMETER_TYPES: dict[str, ParameterType] = {
    "conv": ParameterType(
        "Convolution weights and biases", "kernels of the filters, one bias per filter", True
    ),
    "dense": ParameterType("Dense weights and biases", "fully connected layers", True),
    "batch_norm_scale": ParameterType(
        "Batch normalisation γ and β", "scale and shift of a channel", True
    ),
    "batch_norm_statistics": ParameterType(
        "Batch normalisation statistics", "running mean and variance", False
    ),
    "embedding": ParameterType("Embedding table", "a vector for each word", True),
    "pooling": ParameterType("Pooling layers", "max pooling, average pooling", False),
    "activation": ParameterType("Activation functions", "ReLU, sigmoid, tanh", False),
    "dropout": ParameterType("Dropout", "a random mask, drawn anew at each step", False),
    "frozen": ParameterType("Frozen layers", "weights kept from a pretrained model", False),
    "hyperparameter": ParameterType("Hyperparameters", "kernel size, stride, learning rate", False),
}
