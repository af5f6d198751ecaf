"""Portuguese sentences whose words are as unevenly common as in any language (Zipf)."""

from __future__ import annotations

import itertools
import random

from conversations import wording

FIRST = (
    "Ana", "Antônio", "Beatriz", "Bruno", "Caio", "Carla", "Célia", "Daniel", "Davi", "Élida",
    "Eduardo", "Fábio", "Fernanda", "Gabriela", "Gustavo", "Heitor", "Helena", "Iara", "Igor",
    "Jéssica", "João", "José", "Karina", "Lúcia", "Luís", "Márcia", "Maria", "Mateus", "Nádia",
    "Otávio", "Patrícia", "Paulo", "Rafael", "Rita", "Sérgio", "Sílvia", "Tânia", "Tomás",
    "Úrsula", "Vítor", "Yasmin", "Zuleica",
)  # fmt: skip
LAST = (
    "Alves", "Andrade", "Araújo", "Assunção", "Barbosa", "Cardoso", "Castro", "Conceição", "Costa",
    "Dias", "Esteves", "Farias", "Ferreira", "Fontes", "Gomes", "Gonçalves", "Guimarães", "Lima",
    "Lopes", "Magalhães", "Mendonça", "Moraes", "Nogueira", "Pereira", "Quintão", "Ramos", "Rocha",
    "Simões", "Souza", "Tavares", "Valadão", "Vasconcelos", "Xavier",
)  # fmt: skip
COMMON = (
    "oi", "bom", "dia", "tudo", "bem", "obrigada", "obrigado", "pedido", "não", "sim", "quero",
    "quando", "chega", "entrega", "preço", "você", "tem", "pode", "valor", "pagamento", "cartão",
    "boleto", "troca", "tamanho", "cor", "azul", "preta", "amanhã", "hoje", "endereço", "nota",
    "fiscal", "desconto", "promoção", "frete", "grátis", "loja", "horário", "retirar", "cancelar",
)  # fmt: skip
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "xo")
WORDS = 20_000
LENGTHS = range(3, 15)


class Sentences:
    """Endless messages, each as its content (JSON) and as the text of its tsvector."""

    def __init__(self, dice: random.Random) -> None:
        made = ("".join(parts) for parts in itertools.product(SYLLABLES, repeat=4))
        words = [*COMMON, *itertools.islice(made, WORDS - len(COMMON))]
        self._dice = dice
        self._words = [(word, wording.vector(word)) for word in words]
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))

    def next(self) -> tuple[str, str]:
        """The next one."""
        length = self._dice.choice(LENGTHS)
        chosen = self._dice.choices(self._words, cum_weights=self._weights, k=length)
        text = " ".join(word for word, _ in chosen)
        return f'{{"text": "{text}"}}', " ".join(sorted({lexeme for _, lexeme in chosen}))

    def at_rank(self, rank: int) -> str:
        """The word that is the `rank`th most common; the first is in every other sentence."""
        return self._words[rank - 1][0]
