"""Graphs as files: GraphML and GEXF for Gephi, Cytoscape and R, node-link JSON for scripts."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import networkx as nx

from peersim.errors import ConfigError
from peersim.relations.graph import Graph


def as_json(graph: Graph) -> str:
    """Return a graph as node-link JSON."""
    return json.dumps(nx.node_link_data(_known(graph), edges="edges"), indent=2)


def as_graphml(graph: Graph) -> str:
    """Return a graph as GraphML."""
    buffer = io.BytesIO()
    nx.write_graphml(_known(graph), buffer)
    return buffer.getvalue().decode()


def as_gexf(graph: Graph) -> str:
    """Return a graph as GEXF, without the date, so that one graph is always the same bytes.

    GEXF has no place for what holds of the whole graph; edges say their rule and layer.
    """
    text = "\n".join(nx.generate_gexf(_known(graph)))
    return re.sub(r' lastmodifieddate="[^"]*"', "", text, count=1)


FORMATS: dict[str, Callable[[Graph], str]] = {
    ".graphml": as_graphml,
    ".gexf": as_gexf,
    ".json": as_json,
}


def write(graph: Graph, path: Path) -> None:
    """Write a graph to a file; the ending chooses the format.

    Raises:
        ConfigError: If the ending is unknown or the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise ConfigError(f"unknown graph format {path.suffix!r}", f"end in {' or '.join(FORMATS)}")
    text = FORMATS[path.suffix](graph)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written", str(error.strerror)) from error


def _known(graph: Graph) -> Graph:
    """Return a copy without the attributes that are None: a file says nothing of them."""
    copy: Graph = nx.DiGraph()
    copy.graph.update(_some(graph.graph))
    copy.add_nodes_from((name, _some(values)) for name, values in graph.nodes(data=True))
    copy.add_edges_from((a, b, _some(values)) for a, b, values in graph.edges(data=True))
    return copy


def _some(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
