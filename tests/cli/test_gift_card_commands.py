"""Gift cards from the command line."""
import re


def test_a_card_is_sold_and_owed(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", "external,family_name\n1,Li\n")
        shell.run("import", "members", "members.csv", "--quiet")
        sold = shell.run("gift-card", "sell", "50.00", "--store", "SOHO", "--paid-by", "cash").stdout
        assert re.fullmatch(r"G-[2-9A-Z-]{20} PIN \d{6}\n", sold), sold
        shell.run("gift-card", "sell", "12.50", "--store", "SOHO")
        assert shell.run("gift-card", "liability", "--format", "csv").stdout.splitlines() == [
            "store,cards,owed,currency", "SOHO,2,62.50,USD"]
        assert "gift_card.amount" in shell.run("gift-card", "sell", "0.00", expect=1).stderr
        assert "say what" in shell.run("gift-card", "eat", expect=2).stderr
        assert "clean" in shell.run("verify").stdout
