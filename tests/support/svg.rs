//! Draws the screen of a terminal as SVG: a window on its own ground, readable on a light and on a
//! dark page; and several screens one after the other as an animation.

use vt100::{Cell, Color, Screen};

/// Width and height of a cell, in tenths of a pixel.
const CELL: (u32, u32) = (84, 190);

/// Between the edge of the window and its first column and last row, in tenths of a pixel.
const PADDING: u32 = 160;

/// Height of the bar with the title, in tenths of a pixel.
const BAR: u32 = 340;

/// From the top of a row to its baseline, in tenths of a pixel.
const BASELINE: u32 = 140;

/// The colours of a terminal.
pub struct Colours {
    ground: &'static str,
    ink: &'static str,
    edge: &'static str,
    /// The sixteen that a program calls by number.
    palette: [&'static str; 16],
}

pub const DARK: Colours = Colours {
    ground: "#1a1b26",
    ink: "#c0caf5",
    edge: "#3b4261",
    palette: [
        "#414868", "#f7768e", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7", "#7dcfff", "#a9b1d6",
        "#7982a9", "#ff899d", "#9fe044", "#faba4a", "#8db0ff", "#c7a9ff", "#a4daff", "#d5dcf9",
    ],
};

pub const LIGHT: Colours = Colours {
    ground: "#ffffff",
    ink: "#24292f",
    edge: "#d0d7de",
    palette: [
        "#24292f", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#6e7781",
        "#57606a", "#a40e26", "#1a7f37", "#633c01", "#218bff", "#a475f9", "#3192aa", "#8c959f",
    ],
};

/// How a cell looks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    ink: Color,
    ground: Color,
    is_inverse: bool,
    is_bold: bool,
    is_dim: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// Letters side by side that look the same.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

/// The rows from the first to the last that is not empty, in a window with a title. The cursor is
/// drawn when it is wanted and not hidden.
pub fn window(screen: &Screen, title: &str, with_cursor: bool, colours: &Colours) -> String {
    let rows = screen.size().0.get();
    let runs: Vec<Vec<Run>> = (0..rows).map(|row| runs(screen, row)).collect();
    let cursor = (with_cursor && !screen.hide_cursor()).then(|| screen.cursor_position());
    let used = runs
        .iter()
        .rposition(|runs| !runs.is_empty())
        .map_or(1, |last| last + 1)
        .max(cursor.map_or(0, |(row, _)| usize::from(row) + 1));
    let mut svg = frame(screen, used, title, colours);
    for (row, runs) in (0..rows).zip(&runs) {
        svg.push_str(&drawn(runs, row, colours));
    }
    if let Some((row, column)) = cursor {
        svg.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"19\" fill=\"{}\" opacity=\".7\"/>\n",
            left(column),
            top(row),
            pixels(CELL.0),
            colours.ink
        ));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A row as it is drawn for some time, in milliseconds.
struct Shot {
    row: u16,
    from: u32,
    until: u32,
    drawn: String,
}

/// Screens and the milliseconds at which they appear, as an animation that starts again after
/// `length` milliseconds. Each row is drawn once for each of its contents.
pub fn cast(screens: &[(u32, Screen)], length: u32, title: &str, colours: &Colours) -> String {
    let Some((_, first)) = screens.first() else {
        return String::new();
    };
    let rows = first.size().0.get();
    let mut shots: Vec<Shot> = Vec::new();
    for row in 0..rows {
        let mut last: Option<Shot> = None;
        for (from, screen) in screens {
            let drawn = drawn(&runs(screen, row), row, colours);
            if last.as_ref().is_some_and(|shot| shot.drawn == drawn) {
                continue;
            }
            shots.extend(last.take().map(|shot| Shot {
                until: *from,
                ..shot
            }));
            last = Some(Shot {
                row,
                from: *from,
                until: length,
                drawn,
            });
        }
        shots.extend(last);
    }
    let mut svg = frame(first, usize::from(rows), title, colours);
    for shot in shots.iter().filter(|shot| !shot.drawn.is_empty()) {
        svg.push_str(&animated(shot, length));
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A row that is visible for its time only.
fn animated(shot: &Shot, length: u32) -> String {
    let share = |time: u32| format!("{:.4}", f64::from(time) / f64::from(length));
    let (values, times) = match (shot.from, shot.until) {
        (0, until) => ("visible;hidden".to_owned(), format!("0;{}", share(until))),
        (from, until) if until == length => {
            ("hidden;visible".to_owned(), format!("0;{}", share(from)))
        }
        (from, until) => (
            "hidden;visible;hidden".to_owned(),
            format!("0;{};{}", share(from), share(until)),
        ),
    };
    format!(
        "<g visibility=\"hidden\" data-row=\"{}\"><animate attributeName=\"visibility\" \
        calcMode=\"discrete\" values=\"{values}\" keyTimes=\"{times}\" dur=\"{}s\" \
        repeatCount=\"indefinite\"/>\n{}</g>\n",
        shot.row,
        f64::from(length) / 1000.0,
        shot.drawn
    )
}

/// A row: grounds, then text.
fn drawn(runs: &[Run], row: u16, colours: &Colours) -> String {
    let mut svg = String::new();
    runs.iter()
        .for_each(|run| ground(run, row, colours, &mut svg));
    runs.iter()
        .for_each(|run| text(run, row, colours, &mut svg));
    svg
}

/// The window of a screen with so many rows, without its text, up to the start of the text.
fn frame(screen: &Screen, rows: usize, title: &str, colours: &Colours) -> String {
    let width = u32::from(screen.size().1.get()) * CELL.0 + 2 * PADDING;
    let height = u32::try_from(rows).unwrap() * CELL.1 + BAR + 2 * PADDING;
    let (outer, inner) = (
        (pixels(width), pixels(height)),
        (pixels(width - 10), pixels(height - 10)),
    );
    let middle = pixels(width / 2);
    let title = escaped(title);
    let Colours {
        ground, ink, edge, ..
    } = colours;
    let dots: String = [(20, 1), (40, 3), (60, 2)]
        .iter()
        .map(|(x, index)| {
            let colour = colours.palette[*index];
            format!("<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{colour}\"/>")
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" \
         viewBox=\"0 0 {0} {1}\" role=\"img\" aria-label=\"{title}\">\n\
         <style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",\
         monospace;fill:{ink}}}\
         .b{{font-weight:bold}}.d{{opacity:.62}}.i{{font-style:italic}}\
         .u{{text-decoration:underline}}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{2}\" height=\"{3}\" rx=\"10\" \
         fill=\"{ground}\" stroke=\"{edge}\"/>\n\
         {dots}<text x=\"{middle}\" y=\"22\" text-anchor=\"middle\" \
         class=\"d\">{title}</text>\n<g>\n",
        outer.0, outer.1, inner.0, inner.1
    )
}

/// The characters of a row in runs, separated by two consecutive blanks, so that no blank has to be
/// drawn.
fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..screen.size().1.get() {
        let Some(cell) = screen
            .cell(row, column)
            .filter(|cell| !cell.is_wide_continuation())
        else {
            continue;
        };
        let look = Look::of(cell);
        let letters = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let columns = if cell.is_wide() { 2 } else { 1 };
        let is_blank = letters == " " && !look.has_ground() && !look.is_underlined;
        match runs.last_mut() {
            // A wide character is a run of its own: the font determines its width.
            Some(run)
                if run.look == look
                    && run.column + run.columns == column
                    && columns == 1
                    && run.is_narrow()
                    && !(is_blank && run.text.ends_with(' ')) =>
            {
                run.text.push_str(letters);
                run.columns += 1;
            }
            _ if is_blank => {}
            _ => runs.push(Run {
                column,
                columns,
                text: letters.to_owned(),
                look,
            }),
        }
    }
    for run in runs
        .iter_mut()
        .filter(|run| !run.look.has_ground() && run.text.ends_with(' '))
    {
        run.text.pop();
        run.columns -= 1;
    }
    runs
}

impl Run {
    fn is_narrow(&self) -> bool {
        usize::from(self.columns) == self.text.chars().count()
    }
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Self {
            ink: cell.fgcolor(),
            ground: cell.bgcolor(),
            is_inverse: cell.inverse(),
            is_bold: cell.bold(),
            is_dim: cell.dim(),
            is_italic: cell.italic(),
            is_underlined: cell.underline(),
        }
    }

    /// The colour of the text, where it is not that of the terminal.
    fn foreground(&self, colours: &Colours) -> Option<String> {
        if self.is_inverse {
            colour(self.ground, colours).or_else(|| Some(colours.ground.to_owned()))
        } else {
            colour(self.ink, colours)
        }
    }

    fn has_ground(&self) -> bool {
        self.is_inverse || self.ground != Color::Default
    }

    fn background(&self, colours: &Colours) -> Option<String> {
        if self.is_inverse {
            colour(self.ink, colours).or_else(|| Some(colours.ink.to_owned()))
        } else {
            colour(self.ground, colours)
        }
    }

    fn classes(&self) -> String {
        let classes = [
            ("b", self.is_bold),
            ("d", self.is_dim),
            ("i", self.is_italic),
            ("u", self.is_underlined),
        ];
        let set: Vec<&str> = classes
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(name, _)| name)
            .collect();
        if set.is_empty() {
            String::new()
        } else {
            format!(" class=\"{}\"", set.join(" "))
        }
    }
}

/// `None` for the terminal's own colour.
fn colour(colour: Color, colours: &Colours) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Idx(index @ 0..=15) => Some(colours.palette[usize::from(index)].to_owned()),
        // A cube of six steps a side, then shades of grey, as terminals have them.
        Color::Idx(index @ 16..=231) => {
            let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let index = index - 16;
            Some(format!(
                "#{:02x}{:02x}{:02x}",
                step(index / 36),
                step(index / 6 % 6),
                step(index % 6)
            ))
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

fn ground(run: &Run, row: u16, colours: &Colours, svg: &mut String) {
    if let Some(fill) = run.look.background(colours) {
        let width = pixels(u32::from(run.columns) * CELL.0);
        svg.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"19\" fill=\"{fill}\"/>\n",
            left(run.column),
            top(row)
        ));
    }
}

fn text(run: &Run, row: u16, colours: &Colours, svg: &mut String) {
    // Blanks at the ends are nothing but ground, and readers of SVG drop them.
    let text = run.text.trim();
    if text.is_empty() {
        return;
    }
    let before = run.text.len() - run.text.trim_start().len();
    let columns = if run.is_narrow() {
        u32::try_from(text.chars().count()).unwrap()
    } else {
        u32::from(run.columns)
    };
    let baseline = pixels(BAR + PADDING + u32::from(row) * CELL.1 + BASELINE);
    // Whatever font the reader has, columns stay where they are.
    let length = if columns > 1 && run.is_narrow() {
        format!(" textLength=\"{}\"", pixels(columns * CELL.0))
    } else {
        String::new()
    };
    let fill = run
        .look
        .foreground(colours)
        .map_or_else(String::new, |fill| format!(" style=\"fill:{fill}\""));
    let x = left(run.column + u16::try_from(before).unwrap());
    svg.push_str(&format!(
        "<text x=\"{x}\" y=\"{baseline}\"{length}{}{fill}>{}</text>\n",
        run.look.classes(),
        escaped(text)
    ));
}

fn left(column: u16) -> String {
    pixels(PADDING + u32::from(column) * CELL.0)
}

fn top(row: u16) -> String {
    pixels(BAR + PADDING + u32::from(row) * CELL.1)
}

/// Tenths of a pixel as a number of pixels.
fn pixels(tenths: u32) -> String {
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

fn escaped(text: &str) -> String {
    let entity = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        // An SVG is an XML document, which forbids most control characters.
        c if c.is_control() => '\u{fffd}'.to_string(),
        c => c.to_string(),
    };
    text.chars().map(entity).collect()
}
