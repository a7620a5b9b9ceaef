"""Real ZIP codes near Lakeshore's clinics and elsewhere, and the area codes that phones are drawn from.

Copied once from the public `zipcodes` table (a test compares them), so that building needs no lookup.
"""

from __future__ import annotations

Place = tuple[str, str, str]
"""ZIP, city and state."""


def _places(state: str, text: str) -> tuple[Place, ...]:
    return tuple((row[:5], row[6:], state) for row in " ".join(text.split()).split(", "))


NEAR: dict[str, tuple[Place, ...]] = {
    "Lakeshore Chicago": _places(
        "IL",
        """
        60611 Chicago, 60601 Chicago, 60606 Chicago, 60603 Chicago, 60661 Chicago, 60605 Chicago, 60607 Chicago,
        60657 Chicago, 60616 Chicago, 60613 Chicago, 60624 Chicago, 60618 Chicago, 60623 Chicago, 60609 Chicago,
        60699 Chicago, 60639 Chicago, 60641 Chicago, 60637 Chicago, 60621 Chicago, 60304 Oak Park, 60301 Oak Park,
        60402 Berwyn, 60130 Forest Park, 60707 Elmwood Park, 60620 Chicago, 60638 Chicago, 60153 Maywood, 60534
        Lyons, 60155 Broadview, 60513 Brookfield
        """,
    ),
    "Lakeshore Evanston": _places(
        "IL",
        """
        60201 Evanston, 60202 Evanston, 60076 Skokie, 60645 Chicago, 60626 Chicago, 60659 Chicago, 60660 Chicago,
        60053 Morton Grove, 60625 Chicago, 60022 Glencoe, 60630 Chicago, 60068 Park Ridge, 60062 Northbrook, 60634
        Chicago, 60035 Highland Park, 60176 Schiller Park, 60040 Highwood, 60131 Franklin Park, 60070 Prospect
        Heights, 60164 Melrose Park, 60045 Lake Forest, 60004 Arlington Heights, 60089 Buffalo Grove, 60008 Rolling
        Meadows, 60074 Palatine, 60067 Palatine, 60195 Schaumburg, 60010 Barrington
        """,
    ),
    "Lakeshore Naperville": _places(
        "IL",
        """
        60540 Naperville, 60532 Lisle, 60564 Naperville, 60189 Wheaton, 60502 Aurora, 60515 Downers Grove, 60137
        Glen Ellyn, 60559 Westmont, 60446 Romeoville, 60148 Lombard, 60523 Oak Brook, 60188 Carol Stream, 60527
        Willowbrook, 60181 Villa Park, 60134 Geneva, 60108 Bloomingdale, 60174 Saint Charles, 60184 Wayne, 60163
        Berkeley, 60172 Roselle, 60554 Sugar Grove, 60191 Wood Dale, 60432 Joliet, 60467 Orland Park, 60177 South
        Elgin, 60433 Joliet, 60119 Elburn, 60169 Hoffman Estates, 60511 Big Rock, 60124 Elgin
        """,
    ),
    "Lakeshore Milwaukee": _places(
        "WI",
        """
        53202 Milwaukee, 53212 Milwaukee, 53233 Milwaukee, 53206 Milwaukee, 53208 Milwaukee, 53210 Milwaukee, 53207
        Milwaukee, 53209 Milwaukee, 53219 Milwaukee, 53214 Milwaukee, 53222 Milwaukee, 53110 Cudahy, 53227
        Milwaukee, 53225 Milwaukee, 53129 Greendale, 53122 Elm Grove, 53172 South Milwaukee, 53005 Brookfield, 53151
        New Berlin, 53132 Franklin, 53051 Menomonee Falls, 53146 New Berlin, 53046 Lannon, 53108 Caledonia, 53186
        Waukesha, 53012 Cedarburg, 53188 Waukesha, 53103 Big Bend, 53033 Hubertus, 53076 Richfield
        """,
    ),
    "Lakeshore Kenosha": _places(
        "WI",
        """
        53142 Kenosha, 53158 Pleasant Prairie, 53143 Kenosha, 53144 Kenosha, 53140 Kenosha, 53104 Bristol, 53177
        Sturtevant, 53403 Racine, 53405 Racine, 53406 Racine, 53182 Union Grove, 53168 Salem, 53404 Racine, 53179
        Trevor, 53170 Silver Lake, 53402 Racine, 53139 Kansasville, 53126 Franksville, 53181 Twin Lakes, 53105
        Burlington, 53185 Waterford, 53128 Genoa City
        """,
    ),
    "Lakeshore Hammond": _places(
        "IN",
        """
        46320 Hammond, 46327 Hammond, 46324 Hammond, 46312 East Chicago, 46323 Hammond, 46321 Munster, 46394
        Whiting, 46322 Highland, 46406 Gary, 46319 Griffith, 46404 Gary, 46311 Dyer, 46375 Schererville, 46402 Gary,
        46408 Gary, 46407 Gary, 46409 Gary, 46373 Saint John, 46410 Merrillville, 46403 Gary, 46405 Lake Station,
        46342 Hobart, 46307 Crown Point, 46303 Cedar Lake, 46368 Portage, 46356 Lowell, 46304 Chesterton, 46385
        Valparaiso
        """,
    ),
}
"""ZIPs whose nearest clinic is the key."""

WASHINGTON: tuple[Place, ...] = (
    ("98101", "Seattle", "WA"),
    ("98103", "Seattle", "WA"),
    ("98004", "Bellevue", "WA"),
    ("98402", "Tacoma", "WA"),
    ("98501", "Olympia", "WA"),
    ("98660", "Vancouver", "WA"),
    ("99201", "Spokane", "WA"),
    ("98225", "Bellingham", "WA"),
    ("98052", "Redmond", "WA"),
    ("98901", "Yakima", "WA"),
    ("99336", "Kennewick", "WA"),
    ("98801", "Wenatchee", "WA"),
)

OUT_OF_AREA: tuple[Place, ...] = (
    ("77002", "Houston", "TX"),
    ("78701", "Austin", "TX"),
    ("75201", "Dallas", "TX"),
    ("33130", "Miami", "FL"),
    ("32801", "Orlando", "FL"),
    ("10027", "New York", "NY"),
    ("94110", "San Francisco", "CA"),
    ("80202", "Denver", "CO"),
    ("85004", "Phoenix", "AZ"),
    ("55401", "Minneapolis", "MN"),
    ("63103", "Saint Louis", "MO"),
    ("48226", "Detroit", "MI"),
    ("43215", "Columbus", "OH"),
    ("37203", "Nashville", "TN"),
    ("30303", "Atlanta", "GA"),
)

LEADING_ZERO: tuple[Place, ...] = (
    ("02139", "Cambridge", "MA"),
    ("02118", "Boston", "MA"),
    ("02142", "Cambridge", "MA"),
    ("01605", "Worcester", "MA"),
)
"""Massachusetts ZIPs, which a spreadsheet turns into four digits."""

FOREIGN: tuple[tuple[str, str, str], ...] = (
    ("60311", "Frankfurt am Main", "+49 30 23125 {:03d}"),
    ("M1 1AE", "Manchester", "+44 161 496 0{:03d}"),
    ("20095", "Hamburg", "+49 40 66969 {:03d}"),
    ("K1A 0B1", "Ottawa", "+1 613 555 01{:02d}"),
)
"""Postal code, city and a fictional-range phone of people who leave the country blank."""

LOCAL_AREA_CODES = tuple(
    """
    217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 872 262 274 353 414 534 608 715 920 219 260 317 463
    574 765 812 930
    """.split()
)
"""Illinois, Wisconsin and Indiana."""

OTHER_AREA_CODES = tuple(
    """
    201 202 203 205 206 207 208 209 210 212 213 214 215 216 218 220 223 225 227 228 229 231 234 235 239 240 248 251
    252 253 254 256 267 269 270 272 276 279 281 283 301 302 303 304 305 307 308 310 313 314 315 316 318 319 320 321
    323 324 325 326 327 329 330 332 334 336 337 339 341 346 347 350 351 352 360 361 363 364 369 380 385 386 401 402
    404 405 406 407 408 409 410 412 413 415 417 419 423 424 425 430 432 434 435 440 442 443 445 448 458 469 470 472
    475 478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 531 539 540 541 551 557
    559 561 562 563 564 567 570 571 572 573 575 580 582 585 586 601 602 603 605 606 607 609 610 612 614 615 616 617
    619 620 623 626 628 629 631 636 640 641 645 646 650 651 656 657 659 660 661 662 667 669 678 680 681 682 686 689
    701 702 703 704 706 707 712 713 714 716 717 718 719 720 724 725 726 727 728 731 732 734 737 738 740 743 747 748
    754 757 760 762 763 769 770 771 772 774 775 781 785 786 801 802 803 804 805 806 808 810 813 814 816 817 818 820
    821 826 828 830 831 832 835 838 839 840 843 845 848 850 854 856 857 858 859 860 862 863 864 865 870 878 901 903
    904 906 907 908 909 910 912 913 914 915 916 917 918 919 925 928 929 931 934 936 937 938 940 941 943 945 947 948
    949 951 952 954 956 959 970 971 972 973 975 978 979 980 983 984 985 986 989
    """.split()
)
