"""A picture for every product, as SVG: a silhouette of its kind, in its colour, on its department's paper.

Start at `product_svg`. The silhouettes are content, in silhouettes.yml; colours are here. The same product gives the
same bytes, and a picture refers to nothing outside itself.
"""

from __future__ import annotations

import colorsys
from functools import cache
from hashlib import blake2b
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from pydantic import Field

from assistant.shop.data_files import Entry, read_entry, read_yaml

SILHOUETTES = Path(__file__).parent / "silhouettes.yml"
FALLBACK = "parcel"

# Department -> its paper and the colours its products wear when they name none.
PALETTES = {
    "Beauty": ("#f8ebe8", ("#c9837c", "#8d6a8f", "#b58a5a")),
    "Clothing": ("#ece9f3", ("#59618f", "#8a5a6d", "#4f7a78")),
    "Electronics": ("#e6ecf0", ("#3d4f5c", "#4c5b86", "#5f6670")),
    "Fitness": ("#e4f0ea", ("#2f7d6b", "#3f6a94", "#c4663f")),
    "Footwear": ("#f2ebe1", ("#8a6242", "#59705e", "#5b5f73")),
    "Home": ("#f3eee3", ("#a97b4f", "#6f8570", "#94705f")),
    "Kitchen": ("#f5ece2", ("#b4552f", "#4d7470", "#6a5a4c")),
    "Outdoor": ("#e5eddf", ("#55794a", "#b06f33", "#3f6f7a")),
    "Pets": ("#f4eee0", ("#a5763d", "#5f8493", "#8c6b57")),
    "Toys": ("#fbf1d9", ("#d9604f", "#4c8fb5", "#6a9c4f")),
}
PLAIN_PALETTE = ("#ecebe7", ("#6b6f76", "#7a6a5a", "#5a7370"))

# fmt: off
COLORS = {  # neutrals, browns, reds, purples, oranges and yellows, greens, blues
    "black": "#2d2f33", "graphite": "#454a50", "charcoal": "#4b4f54", "slate": "#5c6b78", "grey": "#8b9094",
    "silver": "#b9bec2", "steel": "#a3abb0", "smoke": "#7d8288", "stone": "#a8a297", "white": "#f7f6f2",
    "ivory": "#efe8d6", "cream": "#eee3ca", "chalk": "#efece4", "milk": "#f3efe6", "oat": "#d9c9ac",
    "sand": "#d3b98c", "natural": "#d8c29a", "beige": "#d2bfa0", "khaki": "#a39468", "camel": "#b98a54",
    "tan": "#b9855a", "brown": "#7a5236", "chestnut": "#7d4630", "walnut": "#6b4a35", "bark": "#65503d",
    "oak": "#b98c58", "wheat": "#c99e5c", "terracotta": "#c46a45", "clay": "#b9694a", "rust": "#ad5330",
    "brick": "#9c4433", "red": "#c23b34", "ember": "#c5502e", "burgundy": "#6f2236", "wine": "#6d2437",
    "oxblood": "#67262b", "berry": "#97305c", "plum": "#6d3f66", "purple": "#75509b", "lilac": "#b09ccb",
    "lavender": "#a99bc9", "heather": "#9a8ba0", "magenta": "#bd3c86", "pink": "#e39aae", "rose": "#cf8490",
    "blush": "#e0aea6", "peach": "#eeb18d", "coral": "#e9745f", "orange": "#e2822f", "tangerine": "#ea8a34",
    "amber": "#d99a34", "mustard": "#cf9f33", "ochre": "#c38f34", "yellow": "#e9c046", "sunshine": "#f0c63e",
    "brass": "#b8954a", "gold": "#c9a44d", "lime": "#a3c341", "green": "#4d8a55", "olive": "#6f7442",
    "moss": "#6a7d48", "sage": "#93a684", "mint": "#8fc9ae", "emerald": "#1f7d5c", "forest": "#33593f",
    "pine": "#33594e", "eucalyptus": "#84a392", "teal": "#2b7a7c", "turquoise": "#38a3a5", "aqua": "#4fb3bf",
    "sky": "#7fb2d6", "blue": "#3f74b0", "cobalt": "#2c4fa3", "indigo": "#3b4678", "navy": "#2b3a5c",
    "midnight": "#27304d", "ink": "#2c3550", "ice": "#b5d2df", "bone": "#e6dfcd", "celadon": "#a3c0a5",
}
# fmt: on


class Silhouette(Entry):
    """One drawing and the words that call for it; see the head of silhouettes.yml."""

    categories: list[str] = Field(default=[])
    names: list[str] = Field(default=[])
    color: str | None = None
    draw: str


def product_svg(name: str, brand: str, category: str, department: str, color: str | None) -> str:
    """The picture of a product as an SVG document of 400 by 320; `color` is the variant's colour word, if any."""
    paper, wardrobe = PALETTES.get(department, PLAIN_PALETTE)
    kind = silhouette(name, category)
    main = _apart(_hex(color) or kind.color or wardrobe[_hash(name) % len(wardrobe)], paper)
    drawing = Template(kind.draw).substitute(m=main, d=_shade(main, -0.14), l=_shade(main, 0.2), p=_shade(paper, 0.04))
    halo = 118 + _hash(f"halo {name}") % 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 320" width="400" height="320" role="img">'
        f"<title>{escape(name)}</title>"
        f'<rect width="400" height="320" fill="{paper}"/>'
        f'<circle cx="200" cy="150" r="{halo}" fill="{_shade(paper, -0.055)}"/>'
        f'<ellipse cx="200" cy="254" rx="92" ry="9" fill="{_shade(paper, -0.17)}"/>'
        f'<g transform="translate(100 52)">{drawing}</g>'
        f'<text x="200" y="300" text-anchor="middle" font-family="Georgia, serif" font-size="15" letter-spacing="2" '
        f'fill="{_shade(paper, -0.48)}">{escape(brand)}</text></svg>'
    )


def silhouette(name: str, category: str) -> Silhouette:
    """What to draw for a product: by the longest word in its name, else by its category, else a parcel."""
    drawings = _silhouettes()
    said = [(len(word), key) for key, drawing in drawings.items() for word in drawing.names if _says(name, word)]
    if said:
        return drawings[max(said)[1]]
    of_category = (drawing for drawing in drawings.values() if category.lower() in drawing.categories)
    return next(of_category, drawings[FALLBACK])


def _says(name: str, word: str) -> bool:
    """Whether a name has a word or phrase in it, whole: `fan` is in "Tower Fan" and not in "Infant"."""
    return f" {word} " in f" {name.lower()} "


@cache
def _silhouettes() -> dict[str, Silhouette]:
    content = read_yaml(SILHOUETTES)
    return {key: read_entry(Silhouette, raw, f"{SILHOUETTES.name}, {key}") for key, raw in content.items()}


def _hex(color: str | None) -> str | None:
    """The hex value of a colour word; of several words the last that is known counts ("dusty rose", "mid blue")."""
    words = (color or "").lower().replace("-", " ").split()
    return next((COLORS[word] for word in reversed(words) if word in COLORS), None)


def _apart(color: str, paper: str) -> str:
    """The colour, darkened when it is so near the paper's that the drawing would sink into it. White may stay."""
    depth = _lightness(paper) - _lightness(color)
    return _shade(color, -0.12) if 0.03 < depth < 0.2 else color


def _lightness(color: str) -> float:
    return colorsys.rgb_to_hls(*_parts(color))[1]


def _parts(color: str) -> tuple[float, float, float]:
    """Red, green and blue of "#rrggbb", each 0..1."""
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _shade(color: str, by: float) -> str:
    """A hex colour made lighter (by > 0) or darker; at the ends of the scale it turns the other way."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(color))
    wanted = lightness + by
    if not 0.06 <= wanted <= 0.99:
        wanted = lightness - by
    parts = colorsys.hls_to_rgb(hue, wanted, saturation)
    return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02x}" for part in parts)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
