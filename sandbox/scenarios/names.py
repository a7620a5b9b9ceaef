"""Invented names: everyday first names, and surnames made of a stem and an ending."""

from __future__ import annotations

import unicodedata

_FIRST = """
Ada Adele Agnes Aiden Alma Alvin Amara Amos Anders Anika Anton April Arlo Astrid Aubrey Avery Axel Basil Bea Beatrix
Benno Berit Blair Boris Brenda Bruno Calla Callum Carmen Casper Cecil Celia Chandra Clara Clement Cora Cyrus Dagny
Dahlia Damon Dana Daphne Darla Delia Dev Dina Dora Dylan Ebba Edgar Edith Eino Elena Elias Elise Ella Elmer Eloise
Elsa Emeka Emery Enid Enzo Erika Esme Esteban Esther Ezra Farah Faye Felix Fern Finn Fiona Flora Floyd Freda Frida
Gemma Gideon Gilda Glenn Gloria Goran Gus Gwen Hanna Harlan Hattie Hazel Hector Hedda Heidi Helga Henrik Hilda Hugo
Ida Ilse Ines Inga Ingrid Iris Isla Ivan Ivy Jada Jarl Jasper Joan Joel Jolene Josefa Judith Jules June Kaspar Keiko
Kenji Kira Klara Knut Kofi Lana Lars Leah Leif Leila Lena Leon Leona Levi Lida Lilah Lionel Lois Lola Lorna Lottie
Louisa Lucian Luz Lydia Mabel Magda Malik Mara Marcel Margo Marina Marius Marta Mateo Matilda Maude Maya Mei Mercy
Merle Milan Mildred Milo Mina Mira Moira Morris Muriel Myra Nadia Naomi Nell Nestor Nico Nina Noel Nora Odell Odin
Olaf Olga Olive Omar Opal Orson Oskar Otis Otto Paloma Pearl Percy Petra Phoebe Pia Piers Priya Ralph Ramona Raul
Reba Rhea Rhoda Roland Roman Ronan Rosalie Rowan Ruby Rufus Ruth Sabine Sadie Salma Samir Sanna Saul Selma Seth
Signe Silas Simone Sonia Soren Stella Sunil Sylvia Tamar Tara Tessa Thea Theo Thora Tilda Tobias Tove Ulla Uma Ursula
Valerie Vera Vernon Vesna Vida Viggo Viola Wanda Wilbur Willa Winona Wyatt Xenia Yara Yusuf Zelda Zora
"""
_STEMS = """
Alder Ambel Arken Ban Barne Bexel Birch Blaken Bram Brindle Brox Calder Camber Carrow Chel Cobble Corven Cran Dalwin
Darrow Denner Dray Dunnel Elling Elver Ember Fallow Farn Fenner Fern Finch Galder Garn Glenner Gorse Grin Hadder Halver
Harrow Haver Hazel Hollin Horn Ingel Kelder Kestrel Kin Lamber Larch Laven Linden Lorn Mallow Marl Merrin Minter Morrow
Nether Norrin Oaken Orrin Ottel Pelder Pinner Quill Raven Redder Ritter Rowen Sallow Sedge Selver Skel Stan Storrin
Tamber Tarn Thistle Thorn Tindel Umber Vander Vessel Warrin Welder Wexel Whit Winder Wren Yarrow Yel Zander
"""
_ENDINGS = """
bury by combe croft dale field ford gate holm hurst ley mere mont more shaw stead thorpe ton well wick wood worth
"""

#: Names with marks that a wrong encoding damages, and that a right one must keep.
ACCENTED_FIRST = ("José", "Renée", "Zoë", "Björn", "Jürgen", "Chloé", "Andrés", "Noël", "Anaïs", "Gül", "Véra", "Óscar")
ACCENTED_LAST = (
    "Nuñez", "Brüningholm", "Çelderby", "Peñamore", "Grönwick", "Médecroft", "Lacôteley", "Muñozdale", "Sölverton",
    "Béranmont", "Yañezford", "Häverstead", "Quiñonewell", "Früholm", "Desprésworth", "Ibañezgate",
)  # fmt: skip

FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(stem + ending for stem in _STEMS.split() for ending in _ENDINGS.split())


def folded(name: str) -> str:
    """The name in lower-case ASCII letters, as mailboxes spell it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return "".join(char for char in plain.lower() if char.isalnum())


def mojibake(name: str) -> str:
    """The name after its UTF-8 bytes were read as Western text."""
    return name.encode("utf-8").decode("cp1252")
