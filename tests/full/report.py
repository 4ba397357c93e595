"""Drives chromium over the pages of `vicinal report`: report.py SIX MAPS. Prints a line per check, ends with 1 when
one fails. SIX is a run of six populations and 20 steps at eta 0.2, MAPS has feature maps, and an audit of two ranks that share memory."""
import os
import re
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

failed = 0


def check(what, ok):
    global failed
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    failed += not ok


def start(profile, width=1280, height=900, *more):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     f"--user-data-dir={profile}", f"--window-size={width},{height}", *more):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    def __init__(self, driver, path):
        self.driver = driver
        driver.get("file://" + os.path.abspath(path))
        self.run("document.documentElement.style.scrollBehavior = 'auto'")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def moment(self):
        return int(self.one("#deck").get_attribute("data-moment"))

    def scrub(self, moment):
        self.run("const s = document.getElementById('scrubber'); s.value = arguments[0];"
                 "s.dispatchEvent(new Event('input', {bubbles: true}));", moment)

    def lit(self):
        """Which populations show an error, by their number."""
        return [int(p.get_attribute("data-population")) for p in self.all(".lane:first-child .pop.lit")]

    def choose(self, title):
        next(b for b in self.all("#runs button") if b.text.lstrip("\u2713\u00a0 ") == title).click()

    def pixels(self, selector):
        """How many colours a canvas has."""
        return self.run("const c = document.querySelector(arguments[0]); const d = c.getContext('2d').getImageData("
                        "0, 0, c.width, c.height).data; const seen = new Set(); for (let i = 0; i < d.length; i += 4)"
                        "seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size", selector)


def test_loading(page, path):
    timing = page.run("const n = performance.getEntriesByType('navigation')[0]; return n.loadEventEnd")
    size = os.path.getsize(path)
    print(f"        {size / 1e6:.2f} MB, loaded in {timing:.0f} ms")
    check("loads within a second", 0 < timing < 1000)
    check("is smaller than 3 MB", size < 3e6)
    check("asks the network for nothing", page.run("return performance.getEntriesByType('resource').length") == 0)
    with open(path, encoding="utf-8") as file:
        check("has no address in it", not re.search("https?:", file.read()))
    check("says what it is", page.one("h1").text == "six" and "six" in page.driver.title)


def test_wave(page):
    page.choose("fixed-prediction, \u03b7 1")
    last = int(page.one("#scrubber").get_attribute("max"))
    check("eta 1: five edges of the sweep and five steps", last == 10)
    waves = []
    for moment in range(5, last + 1):
        page.scrub(moment)
        waves.append(page.lit())
    check("the news comes down one layer a step", waves == [[5], [5], [4, 5], [3, 4, 5], [2, 3, 4, 5], [1, 2, 3, 4, 5]])
    check("every error is the exact one", all("100 % of exact" in p.text for p in page.all(".pop.lit")))
    page.scrub(7)
    check("one message is on its way", len(page.all(".message")) == 1 and page.one(".message.error").text.find("\u03b5\u2084") >= 0)
    page.choose("fixed-prediction, \u03b7 0.1")
    page.scrub(7)
    check("eta 0.1: it diffuses", page.lit() == [4, 5] and "10 % of exact" in page.all(".pop")[4].text)
    page.scrub(25)
    shares = [float(re.search(r"([\d.]+) % of exact", p.text)[1]) for p in page.all(".pop")[1:]]
    check("  and is shorter the further down", shares == sorted(shares) and shares[0] < 30 < shares[3] < 100)
    page.choose("strict, \u03b7 0.1")
    page.scrub(12)
    check("strict: predictions and errors", len(page.all(".message.prediction")) == 4 and len(page.all(".message.error")) == 4)
    page.choose("exact")
    page.scrub(8)
    check("exact: one after the other", len(page.all(".message.error")) == 1 and page.lit() == [2, 3, 4, 5])


def test_playing(page):
    page.choose("fixed-prediction, \u03b7 1")
    page.scrub(0)
    page.one("#forward").click()
    check("a step forward", page.moment() == 1)
    page.one("#back").click()
    check("a step back", page.moment() == 0)
    page.one("#play").click()
    check("it plays", page.one("#deck").get_attribute("data-playing") == "true" and page.one("#play").get_attribute("aria-label") == "Pause")
    WebDriverWait(page.driver, 20).until(lambda _: page.moment() >= 2)
    page.one("#play").click()
    moment = page.moment()
    time.sleep(1.2)
    check("it pauses", page.moment() == moment and page.one("#deck").get_attribute("data-playing") == "false")
    page.scrub(10)
    page.one("#play").click()
    check("at the end it begins again", page.moment() < 9 and page.one("#deck").get_attribute("data-playing") == "true")
    page.one("#play").click()
    page.run("document.activeElement.blur()")
    page.scrub(3)
    page.press(Keys.ARROW_RIGHT)
    check("the right arrow steps", page.moment() == 4)
    page.press(Keys.ARROW_LEFT)
    check("the left arrow steps back", page.moment() == 3)
    page.press(Keys.SPACE)
    check("space plays", page.one("#deck").get_attribute("data-playing") == "true")
    page.press(Keys.SPACE)
    check("space pauses", page.one("#deck").get_attribute("data-playing") == "false")
    page.one("#scrubber").send_keys(Keys.HOME)
    page.one("#scrubber").send_keys(Keys.ARROW_RIGHT)
    check("the scrubber has its own keys", page.moment() == 1)


def test_inside(page):
    page.choose("fixed-prediction, \u03b7 0.1")
    page.scrub(8)
    page.all(".pop")[3].click()
    check("a click opens the inside", page.one("#inside").is_displayed() and "What population 3 knows" in page.one("#inside").text)
    check("  with belief, prediction, error and what is asked", len(page.all("#inside canvas")) == 4 and page.pixels("#inside .tile:nth-child(3) canvas") > 8)
    check("  and what it heard", "step 3: error \u03b5\u2084 from population 4" in page.one("#inside ol").text)
    check("  and what it owns", "2080 parameters" in page.one("#inside").text)
    before = page.one("#inside ol").text
    page.one("#forward").click()
    check("it follows the player", page.one("#inside ol").text != before)
    page.press(Keys.ESCAPE)
    check("escape closes it", not page.one("#inside").is_displayed())
    check("  and the focus is back", page.run("return document.activeElement.dataset.population") == "3")
    page.press(Keys.ENTER)
    check("enter opens it", page.one("#inside").is_displayed() and page.run("return document.activeElement.id") == "inside-title")
    page.all(".pop")[0].click()
    check("the input is an image of 8 by 8", page.run("const c = document.querySelector('#inside canvas'); return [c.width, c.height]") == [8, 8]
          and page.pixels("#inside canvas") > 6)
    page.press(Keys.ESCAPE)
    Select(page.one("#sample")).select_by_index(2)
    check("another sample", "surprises least" in page.one("#sample").find_element(By.CSS_SELECTOR, "option:checked").text)
    Select(page.one("#sample")).select_by_index(0)


def test_together(page):
    page.one("#together").click()
    check("side by side there is a lane per run", len(page.all(".lane")) == 5)
    page.scrub(8)
    check("  at the same step, each its own way", [len(lane.find_elements(By.CSS_SELECTOR, ".message")) for lane in page.all(".lane")] == [2, 1, 2, 5, 1])
    page.one("#together").click()
    check("  and alone again", len(page.all(".lane")) == 1)


def test_sections(page):
    page.choose("fixed-prediction, \u03b7 0.2")
    check("learning curves", len(page.all("#learning-charts svg path")) == 4)
    check("the law and what was measured", len(page.all("#law-charts figure:first-child circle")) == 100)
    check("a table behind it", len(page.all("#law-table > .scroll tbody tr")) == 5 and "every layer is the law times exact" in page.one("#law-table").text)
    check("comparisons during learning", len(page.all("#compare figure")) == 2)
    check("traffic per edge", len(page.all("#traffic-table tbody tr")) == 10)
    check("how to get an audit", "--audit" in page.one("#audit").text)
    page.choose("strict, \u03b7 0.1")
    check("strict has no law", "no such law" in page.one("#law-lead").text and "strict" in page.one("#traffic-lead").text)


def contrast(page, selector):
    """Of text and what is behind it, as WCAG defines it."""
    return page.run("""
        const light = (c) => c.match(/[\\d.]+/g).slice(0, 3).map((x) => x / 255).map((x) => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
            .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
        let e = document.querySelector(arguments[0]); const text = light(getComputedStyle(e).color);
        while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;
        const back = light(getComputedStyle(e).backgroundColor);
        return (Math.max(text, back) + .05) / (Math.min(text, back) + .05)""", selector)


def test_themes(page):
    page.scrub(7)
    for theme in ("light", "dark"):
        page.run("setTheme(arguments[0])", theme)
        for selector in (".lead", ".pop small", ".share", ".message", "#caption", "figcaption small", ".note", "nav a", ".up", ".down"):
            check(f"{theme}: {selector} can be read", contrast(page, selector) >= 4.5)
    page.run("setTheme('light')")
    light = page.run("return getComputedStyle(document.body).backgroundColor")
    page.one("#theme").click()
    check("dark mode", page.run("return getComputedStyle(document.body).backgroundColor") != light and page.one("#theme").get_attribute("aria-pressed") == "true")
    page.one("#theme").click()
    for scheme in ("dark", "light"):
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        page.driver.refresh()
        page.run("document.documentElement.style.scrollBehavior = 'auto'")
        check(f"a system that is {scheme}", page.run("return document.documentElement.dataset.theme") == scheme)


def test_access(page):
    unnamed = page.run("""return [...document.querySelectorAll('button, input, select, canvas, svg, [role=region]')].filter((e) =>
        e.closest('[hidden]') === null && !e.closest('[aria-hidden=true]') && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim() || e.closest('label'))).length""")
    check("everything has a name", unnamed == 0)
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    seen = set()
    for _ in range(40):
        page.press(Keys.TAB)
        seen.add(page.run("const e = document.activeElement; return e.id || e.getAttribute('role') || e.dataset.population || e.tagName"))
    check("the tabulator reaches all of the player", {"theme", "radio", "together", "sample", "lanes", "0", "5", "back", "play", "forward", "scrubber"} <= seen)
    page.one("#scrubber").send_keys(Keys.HOME)
    check("focus is seen", page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    page.scrub(6)
    page.one("#forward").click()
    check("nothing moves where that is not wanted", page.run("return document.getAnimations().length") == 0 and len(page.all(".message")) > 0)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_narrow(driver, path):
    driver.set_window_size(500, 900)
    page = Page(driver, path)
    check("a narrow window does not scroll sideways", page.run("return document.documentElement.scrollWidth <= window.innerWidth"))


def test_maps(driver, path):
    page = Page(driver, path)
    page.choose("fixed-prediction, \u03b7 1")
    page.scrub(10)
    page.all(".pop")[1].click()
    check("feature maps are small images side by side", page.run("const c = document.querySelector('#inside .tile canvas'); return [c.width, c.height]") == [17, 17]
          and page.pixels("#inside .tile canvas") > 8)
    check("  as many as there is room for, and the page says so", "population 1: 256 of 384 neurons" in page.one("#limits").text)


def test_shared(driver, path):
    page = Page(driver, path)
    text = page.one("#audit").text
    wired = [cell.text for cell in page.all("#audit-body td.wired")]
    check("an audit of shared memory: who declares what", "declared, not witnessed" in page.one("#audit .verdict").text
          and "the ledger declares them" in text and "0 messages (0 B) between ranks were witnessed" in text)
    check("  its matrix counts what is declared", len(wired) == 2 and all(re.fullmatch(r"[1-9]\d* \(.*\), declared", w) for w in wired))


def main(six, maps):
    with tempfile.TemporaryDirectory(prefix="vicinal-browser-") as profile:
        driver = start(profile)
        try:
            page = Page(driver, six)
            test_loading(page, six)
            for test in (test_wave, test_playing, test_inside, test_together, test_sections, test_themes, test_access):
                test(page)
            test_narrow(driver, six)
            test_maps(driver, maps)
            test_shared(driver, maps)
            complaints = [entry for entry in driver.get_log("browser") if entry["level"] != "INFO"]
            check(f"no complaints on the console {complaints or ''}", not complaints)
        finally:
            driver.quit()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
