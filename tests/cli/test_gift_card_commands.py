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
        code = sold.split()[0]
        assert shell.run("gift-card", "top-up", code, "7.50", "--paid-by", "cash", "--reason", "xmas", "--store", "SOHO").stdout == "57.50 left\n"
        assert [line.split(",")[1:] for line in shell.run("gift-card", "history", code, "--format", "csv").stdout.splitlines()] == [
            ["what", "amount", "store", "paid_by", "reason"], ["topped_up", "7.50", "SOHO", "cash", "xmas"], ["sold", "50.00", "SOHO", "cash", ""]]
        assert "--paid-by" in shell.run("gift-card", "top-up", code, "7.50", expect=2).stderr
        assert "gift_card.unknown" in shell.run("gift-card", "history", "G-2222", expect=1).stderr
        assert "gift_card.amount" in shell.run("gift-card", "sell", "0.00", expect=1).stderr
        assert "say what" in shell.run("gift-card", "eat", expect=2).stderr
        assert "clean" in shell.run("verify").stdout
