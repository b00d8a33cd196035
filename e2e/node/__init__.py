"""A small node: it runs each pod as plain processes, with an address and mounts of its own.

It stands in for the kubelet, the container runtime and the scheduler of a one-node cluster. It
takes no images: the cluster's owner says which program an image name means.
"""
