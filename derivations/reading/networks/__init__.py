"""Files of models: ONNX, Keras. Read as plain data within bounds; nothing in them is executed."""
