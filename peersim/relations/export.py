"""Graphs as files: GraphML for Gephi, Cytoscape and R, node-link JSON for scripts."""

import io
import json
from pathlib import Path

import networkx as nx

from peersim.errors import ConfigError
from peersim.relations.graph import Graph

FORMATS = (".graphml", ".json")


def as_json(graph: Graph) -> str:
    """Return a graph as node-link JSON."""
    return json.dumps(nx.node_link_data(graph, edges="edges"), indent=2)


def as_graphml(graph: Graph) -> str:
    """Return a graph as GraphML."""
    buffer = io.BytesIO()
    nx.write_graphml(graph, buffer)
    return buffer.getvalue().decode()


def write(graph: Graph, path: Path) -> None:
    """Write a graph to a file; the ending chooses the format.

    Raises:
        ConfigError: If the ending is unknown or the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise ConfigError(f"unknown graph format {path.suffix!r}", f"end in {' or '.join(FORMATS)}")
    text = as_json(graph) if path.suffix == ".json" else as_graphml(graph)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written", str(error.strerror)) from error
