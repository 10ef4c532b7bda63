"""`Send to customer`: the link in a text to paste, revoked by a button; a customer who comes by it in Telegram."""

from tests.bot.trading_desk import LI, SUN, ZHAO, TradingDesk


async def test_the_link_is_sent_followed_and_revoked(company: TradingDesk) -> None:
    await company.order()
    await company.approve(ZHAO, SUN)
    await company.say(LI, "/orders SO-2026-0001")
    await company.press(LI, "Send to customer")
    shown = company.last(LI)
    [text] = [line for line in shown.lines if "/o/" in line]
    assert "SO-2026-0001" in text
    token = text.rpartition("/o/")[2]
    followed = (await company.say("a customer", f"/start o_{token}")).lines
    assert followed[0] == "Order SO-2026-0001"
    assert any(line.startswith("● Ready to ship") for line in followed)
    assert not any("CNY" in line or "Li" in line for line in followed)
    await company.press(LI, "Revoke link")
    assert company.last(LI).text == "The link to SO-2026-0001 opens no more."
    refused = await company.say("a customer", f"/start o_{token}")
    assert refused.text.startswith("This link is not complete, or it holds no more.")
    assert (await company.say("a customer", "/orders")).text.startswith("This account is not linked yet.")
