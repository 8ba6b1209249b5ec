"""The question of the benchmarks and its answer belong together, or nothing would be measured but refusals."""

from benchmarks.exchange import ID, QUESTION_BYTES, Template, make_exchange, make_id, make_push, takes_s
from edge_node.sandbox.reading import read

ASKED, ANSWERED = make_id(b"00000001", 7, far_end_ms=20), make_id(b"00000002", 8)


class TestExchange:
    def test_the_answer_names_the_question_it_is_filled_in_for(self) -> None:
        """An answer to another question is refused by the node, so figures would be those of refusals."""
        exchange = make_exchange()
        question = read(Template(exchange.question, exchange.question_id).filled(ASKED))
        answer = read(Template(exchange.answer, exchange.question_id, exchange.answer_id).filled(ASKED, ANSWERED))
        assert answer.target == question.id
        assert answer.query_id == question.query_id
        assert answer.id.extension == ANSWERED.decode()

    def test_the_far_end_finds_the_id_of_the_question(self) -> None:
        """The first id in the bytes is taken; a token in front of the message must not hide it."""
        exchange = make_exchange()
        found = ID.search(Template(exchange.question, exchange.question_id).filled(ASKED))
        assert found is not None
        assert found[0] == ASKED

    def test_the_question_is_as_large_as_said(self) -> None:
        """Figures of two versions compare only when both were asked the same."""
        assert abs(len(make_exchange().question) - QUESTION_BYTES) < 10

    def test_the_id_says_how_long_the_far_end_thinks(self) -> None:
        """The same far end serves quick and slow questions, in one run."""
        assert takes_s(ASKED) == 0.02


class TestPush:
    def test_the_receipt_names_the_push_it_is_filled_in_for(self) -> None:
        """A receipt for another message leaves the push waiting, and it would be sent again and again."""
        push = make_push()
        sent = read(Template(push.question, push.question_id).filled(ASKED))
        receipt = read(Template(push.answer, push.question_id, push.answer_id).filled(ASKED, ANSWERED))
        assert (receipt.target, receipt.type_code) == (sent.id, "CA")
