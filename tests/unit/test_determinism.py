"""The same seed gives the same bytes, whatever the number of threads; another seed gives others."""

import locum


def test_the_model_file_does_not_depend_on_the_threads(mixed):
    one, two = (locum.fit(mixed, seed=5, threads=threads) for threads in (1, 2))
    assert one.to_json() == two.to_json()
    assert one.sample(70_000, seed=6, threads=1).equals(two.sample(70_000, seed=6, threads=2))


def test_another_seed_gives_another_model_and_another_table(mixed):
    model = locum.fit(mixed, seed=5)
    assert locum.fit(mixed, seed=6).to_json() != model.to_json()
    assert not model.sample(500, seed=6).equals(model.sample(500, seed=7))
    assert not model.sample(500, seed=6, part=0).equals(model.sample(500, seed=6, part=1))
