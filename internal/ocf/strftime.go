// SPDX-License-Identifier: Apache-2.0

package ocf

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the conversions of strftime(3) in the C locale that Go has a
// layout for.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'd': "02", 'e': "_2",
	'D': "01/02/06", 'F': "2006-01-02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04",
	'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'y': "06", 'Y': "2006",
	'z': "-0700", 'Z': "MST", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
}

// strftime formats a time for HA_DATEFMT, which is a format of date(1). What it
// does not know is printed as it is, like date does.
func strftime(format string, t time.Time) string {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		i++
		switch c := format[i]; {
		case c == '%':
			out.WriteByte('%')
		case c == 'n':
			out.WriteByte('\n')
		case c == 't':
			out.WriteByte('\t')
		case c == 's':
			out.WriteString(strconv.FormatInt(t.Unix(), 10))
		case c == 'N':
			nanos := strconv.Itoa(t.Nanosecond())
			out.WriteString(strings.Repeat("0", 9-len(nanos)) + nanos)
		case layouts[c] != "":
			out.WriteString(t.Format(layouts[c]))
		default:
			out.WriteString(format[i-1 : i+1])
		}
	}
	return out.String()
}

func (s *sink) date() string { return strftime(s.dates, s.now()) }
