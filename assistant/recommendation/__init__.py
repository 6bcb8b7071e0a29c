"""Recommend products, each with one line of why that is true of the store.

    for_shopper(session, interests, vectors, wish, 12)   by what the shopper looked at, put into the cart and bought
    goes_with(session, product, wish, 12)       what others bought in the same order
    popular(session, wish, 12)                           what most shoppers rated, where nothing is known of this one

Each gives picks, the best first, made different from each other (diversity.py). All can be bought now.
"""

from assistant.recommendation.interests import Interest, interests_of, remember_interests
from assistant.recommendation.picks import Pick, Wish, for_shopper, goes_with, popular, varied

__all__ = [
    "Interest",
    "Pick",
    "Wish",
    "for_shopper",
    "goes_with",
    "interests_of",
    "popular",
    "remember_interests",
    "varied",
]
