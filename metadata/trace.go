// SPDX-License-Identifier: Apache-2.0

package metadata

// TraceParameters returns trace_ra, trace_file and trace_dir, for an agent to
// append to its own parameters. pcs adds them by itself only for the providers
// heartbeat and pacemaker and refuses them for every other agent that does not
// declare them; crmsh's "resource trace" sets them on operations.
func TraceParameters() []Parameter {
	return []Parameter{
		{
			Name: "trace_ra", Type: Boolean, Default: "false", HasDefault: true, Reloadable: true,
			Short: "Trace the agent's actions",
			Long: "Write a trace of every action: each decision, each operation on the system and each request, " +
				"one line each, without secrets.",
		},
		{
			Name: "trace_file", Type: String, Default: "", HasDefault: true, Reloadable: true,
			Short: "File for the trace",
			Long: "Absolute path of the file to which the trace is appended, or the number of an open file (3 to 9). " +
				"If empty, every action writes its own file in trace_dir.",
		},
		{
			Name: "trace_dir", Type: String, Default: "/var/lib/heartbeat/trace_ra", HasDefault: true, Reloadable: true,
			Short: "Directory for the trace",
			Long:  "Traces go to TYPE/INSTANCE.ACTION.DATE in this directory when no trace_file is set.",
		},
	}
}
