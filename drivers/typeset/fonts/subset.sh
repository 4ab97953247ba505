#!/bin/sh
# Renders the fonts of this folder again, from Debian's packages alone:
#
#	apt-get install fonttools fonts-noto-core fonts-noto-cjk
#	drivers/typeset/fonts/subset.sh
#
# Hinting goes, since glyphs are drawn at one resolution and then thresholded;
# so do names that nobody reads and features that nobody switches on. Chinese is
# compressed and drawn on a grid of 128 to the em, still four times finer than the dots.
set -eu
cd "$(dirname "$0")"
noto=${NOTO:-/usr/share/fonts/truetype/noto}
cjk=${CJK:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}

subset() { # source, target, characters
	pyftsubset "$1" --unicodes="$3" --output-file="$2" --no-hinting --notdef-outline \
		--no-glyph-names --name-IDs=0,1,2,13,14 --drop-tables+=DSIG,STAT,meta,vhea,vmtx,VORG,BASE ${4:-}
}

latin="U+0020-007E,U+00A0-024F,U+0259,U+02BB-02BC,U+0300-0304,U+0306-030C,U+031B,U+0323-0328,U+0386-03CE,U+0400-045F,U+048A-04FF,U+1E00-1EFF,U+2010-2027,U+202F-203A,U+2044,U+20A0-20BF,U+2116,U+2122,U+2190-2193,U+2212,U+2260-2265,U+25CC"
subset "$noto/NotoSans-Regular.ttf" latin.ttf "$latin"
# Documents alone have bold letters: paper makes strokes wider.
subset "$noto/NotoSans-Bold.ttf" latin-bold.ttf "$latin"
# Digits and letters of Latin are taken from Latin, so that a number looks the
# same in every line.
marks="U+0020-0022,U+0027-002F,U+003A-003B,U+003F,U+00A0,U+00AB,U+00BB,U+200C-200F,U+2013-2014,U+2018-201D,U+2026,U+25CC"
subset "$noto/NotoSansArabic-Regular.ttf" arabic.ttf "$marks,U+0600-06FF,U+0750-077F,U+FD3E-FD3F,U+FDF2,U+FDFC"
subset "$noto/NotoSansHebrew-Regular.ttf" hebrew.ttf "$marks,U+0591-05F4"
subset "$noto/NotoSansArmenian-Regular.ttf" armenian.ttf "$marks,U+0531-058F,U+FB13-FB17"
subset "$noto/NotoSansGeorgian-Regular.ttf" georgian.ttf "$marks,U+10A0-10FF,U+1C90-1CBF"
subset "$noto/NotoSansTamil-Regular.ttf" tamil.ttf "$marks,U+0B82-0BFA,U+0964-0965"
subset "$noto/NotoSansDevanagari-Regular.ttf" devanagari.ttf "$marks,U+0900-097F"
subset "$noto/NotoSansBengali-Regular.ttf" bengali.ttf "$marks,U+0964-0965,U+0980-09FE"
subset "$noto/NotoSansEthiopic-Regular.ttf" ethiopic.ttf "$marks,U+1200-137F"
subset "$noto/NotoSansTifinagh-Regular.ttf" tifinagh.ttf "$marks,U+2D30-2D7F"

# The 3755 characters of the first level of GB 2312, which are those of everyday
# texts, and the marks between them.
characters=$(/usr/bin/python3 -c '
level = [bytes([r, c]).decode("gb2312") for r in range(0xb0, 0xd8) for c in range(0xa1, 0xff) if (r, c) < (0xd7, 0xfa)]
marks = "，。、；：？！（）《》〈〉「」【】“”‘’—…·￥０１２３４５６７８９"
print(",".join(f"U+{ord(c):04X}" for c in level + list(marks)))')
whole=$(mktemp)
trap 'rm -f "$whole"' EXIT
subset "$cjk" "$whole" "$characters" "--font-number=2 --desubroutinize --layout-features="
/usr/bin/python3 - "$whole" <<'P'
import sys
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
font = TTFont(sys.argv[1])
scale_upem(font, 128)
font.save(sys.argv[1])
P
gzip -9nc "$whole" >chinese.otf.gz
cat *.ttf *.gz | wc -c
