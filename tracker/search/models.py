"""The words of titles, to tell what a mistyped one was meant to be. The index itself is no model: see index.py."""

from django.db import models


class TitleWord(models.Model):
    """A word of some title, of one kind of row: readers are not corrected to words of what they may not see."""

    kind = models.CharField(max_length=10)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "word"), name="title_word_once"),)

    def __str__(self) -> str:
        return self.word


class Trigram(models.Model):
    """Three neighbouring letters of such a word, its ends counting as letters."""

    kind = models.CharField(max_length=10)
    gram = models.CharField(max_length=3)
    word = models.ForeignKey(TitleWord, on_delete=models.CASCADE, related_name="trigrams")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "gram", "word"), name="trigram_once"),)

    def __str__(self) -> str:
        return self.gram
