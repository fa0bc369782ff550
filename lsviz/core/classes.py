"""The 100 classes of CIFAR-100: their order in the official files, and the nested order used everywhere here."""

from __future__ import annotations

# Label order of the official release (Krizhevsky 2009): alphabetical.
OFFICIAL = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard
    lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal
    shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
    telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """.split()
)

# Nested subsets: N classes are the first N of this list, so N = 2 lies inside 5 inside 10 and so on. The trio of Müller
# et al. (2019, fig. 1) comes first, then look-alike pairs, then one fixed permutation of the rest.
CLASS_ORDER = tuple(
    """
    beaver dolphin otter bus streetcar apple orange maple_tree oak_tree rocket lion tiger leopard bicycle
    motorcycle chair couch rose tulip castle rabbit beetle crab table road bridge sunflower man crocodile
    camel caterpillar ray boy sweet_pepper clock wardrobe whale bee pine_tree elephant poppy woman girl
    pickup_truck kangaroo tank butterfly shrew lobster bear snake mushroom lizard cloud snail hamster raccoon
    cockroach spider bed baby pear flatfish cup aquarium_fish bottle plain dinosaur fox mountain trout
    telephone willow_tree seal turtle orchid can chimpanzee possum lamp wolf forest plate skunk cattle mouse
    tractor keyboard train porcupine bowl squirrel television skyscraper sea house palm_tree shark lawn_mower
    worm
    """.split()
)

# The 20 superclasses of the official release, each with its five classes (Krizhevsky 2009, section 3).
SUPERCLASSES = {
    "aquatic mammals": "beaver dolphin otter seal whale",
    "fish": "aquarium_fish flatfish ray shark trout",
    "flowers": "orchid poppy rose sunflower tulip",
    "food containers": "bottle bowl can cup plate",
    "fruit and vegetables": "apple mushroom orange pear sweet_pepper",
    "household electrical devices": "clock keyboard lamp telephone television",
    "household furniture": "bed chair couch table wardrobe",
    "insects": "bee beetle butterfly caterpillar cockroach",
    "large carnivores": "bear leopard lion tiger wolf",
    "large man-made outdoor things": "bridge castle house road skyscraper",
    "large natural outdoor scenes": "cloud forest mountain plain sea",
    "large omnivores and herbivores": "camel cattle chimpanzee elephant kangaroo",
    "medium-sized mammals": "fox porcupine possum raccoon skunk",
    "non-insect invertebrates": "crab lobster snail spider worm",
    "people": "baby boy girl man woman",
    "reptiles": "crocodile dinosaur lizard snake turtle",
    "small mammals": "hamster mouse rabbit shrew squirrel",
    "trees": "maple_tree oak_tree palm_tree pine_tree willow_tree",
    "vehicles 1": "bicycle bus motorcycle pickup_truck train",
    "vehicles 2": "lawn_mower rocket streetcar tank tractor",
}
_SUPERCLASS = {member: name for name, members in SUPERCLASSES.items() for member in members.split()}


def superclass(position: int) -> str:
    """The superclass of the class at this place (from 0) of the nested order."""
    return _SUPERCLASS[CLASS_ORDER[position]]
