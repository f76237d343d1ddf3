"""`augment report`: an output of a run, or any dataset, in figures, charts and pictures.

    subject      what is reported on, as rows
    gathering    one pass over the rows: counting, firing, labelling, twins, and a sample by hash
    looking      the pixels of the sample, in worker processes: measuring, pixels, filling
    comparing    the sample seen together: before and after, likeness, near twins, shortcuts
    judging      the value of every flag of the table in `flags`
    telling      the findings as JSON; page, galleries and charts as HTML; markdown for CI

Memory holds counts, histograms, eight bytes a row, and the sample; never the rows.
"""

from __future__ import annotations

from augcli.report.command import Options, report

__all__ = ["Options", "report"]
