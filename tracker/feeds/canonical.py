"""One article, one address: what the many spellings of its URL have in common."""

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

URL_LENGTH = 2048
# What campaigns and feed services add; it never chooses the page.
TRACKING = re.compile(
    r"(utm_.+|at_.+|mc_[ce]id|ns_[a-z_]+|pk_[a-z]+|mtm_.+|matomo_.+|hsa_.+|_hs(enc|mi)|__hs.+|oly_(anon|enc)_id|vero_id"
    r"|fbclid|fb_(action|source|ref).*|_ga|_gl|gad_source|srsltid|ysclid|ncid|smid|isappinstalled|share_from|phpsessid|jsessionid"
    r"|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ymclid|twclid|ttclid|igshid|_openstat|wickedid|mkt_tok"
    r"|cmpid|cmp|ito|ref_src|ref_url|rss|from_rss|feed_id|ftcamp|xtor|sr_share|share_token|spm|amp|outputtype)",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&amp;", re.IGNORECASE)
SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
INDEX = re.compile(r"/(index|default)\.(html?|php|aspx?)$", re.IGNORECASE)
# Copies of pages that Google and its kind serve: the page's own address stands behind the marker, `s/` for https.
AMP_CACHE = re.compile(
    r"https?://(?:www\.google\.[a-z.]{2,6}/amp|[a-z0-9-]+\.cdn\.ampproject\.org/[acv])/(?:s/)?(.+\..+)", re.IGNORECASE
)
AMP_HEAD = re.compile(r"^/amp(?=/.)", re.IGNORECASE)
AMP_TAIL = re.compile(r"(/amp|\.amp)(\.html?)?$", re.IGNORECASE)
SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"
# An address in full without anything to be put right.
PLAIN = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+/[\w/.~+,;=&%?!-]*", re.ASCII)
WITHOUT_BREAKS = str.maketrans("", "", "\t\n\r")
BROKEN = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"\ud800-\udfff]")


def web_link(link: str, base: str) -> str:
    """The link in full if a browser may be sent there, else nothing."""
    link = link.strip(" \t\n\r\x00").translate(WITHOUT_BREAKS)
    if not link or (PLAIN.fullmatch(link) and len(link) <= URL_LENGTH):
        return link
    try:
        full = urljoin(base, link).replace(" ", "%20")
        parts = urlsplit(full)
        is_web = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        return ""
    return full if is_web and len(full) <= URL_LENGTH and not BROKEN.search(full) else ""


def canonical_url(url: str) -> str:
    """The spelling that stands for all: https, no www or mobile host, no tracking, no AMP, no trailing slash."""
    url = ENTITY.sub("&", url)
    if cached := AMP_CACHE.fullmatch(url):
        url = f"https://{cached[1]}"
    parts = urlsplit(url)
    host = _host(parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    path = SESSION.sub("", quote(unquote(parts.path), safe=SAFE_IN_PATH)).rstrip("/")
    path = INDEX.sub("", AMP_HEAD.sub("", AMP_TAIL.sub(r"\2", path))).rstrip("/")
    asked = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(name)
    ]
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    return f"https://{host}{port}{path}{query}"


def canonical_hash(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(4096)
def _host(name: str) -> str:
    name = name.lower().rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            return quote(name)
    for prefix in ("www.", "m.", "mobile.", "mob.", "touch.", "wap.", "amp."):
        # m.kz is a site of its own, m.example.kz the small edition of one.
        if name.startswith(prefix) and name.count(".") >= 2:
            name = name.removeprefix(prefix)
    return name


def feed_key(url: str) -> str:
    """What the spellings of one feed's address have in common; unlike an article's, its whole query chooses it."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{_host(parts.hostname or '')}{port}{parts.path.rstrip('/')}{query}"
