// SPDX-License-Identifier: Apache-2.0

package services

import "testing"

func TestJudge(t *testing.T) {
	up, down := Service{Name: "a", Life: Up}, Service{Name: "b", Life: Down}
	failing := Service{Name: "c", Life: Up, Failing: true}
	unknown := Service{Name: "d", Life: Unknown}
	for name, c := range map[string]struct {
		list   []Service
		expect Life
		good   bool
	}{
		"all up":              {[]Service{up, up}, Up, true},
		"one down":            {[]Service{up, down}, Up, false},
		"one failing":         {[]Service{up, failing}, Up, false},
		"one unknown":         {[]Service{up, unknown}, Up, false},
		"all down, standby":   {[]Service{down, down}, Down, true},
		"a stray one":         {[]Service{up, down}, Down, false},
		"unknown is not down": {[]Service{unknown}, Down, false},
		"none":                {nil, Up, false},
	} {
		r := Report{Services: c.list}
		r.Judge(c.expect)
		if r.Good != c.good {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
