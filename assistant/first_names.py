"""Common first names, for the masking: with a capitalised word behind it, one of them is a person's name.

Written down from memory of birth registers in many countries. Names that are everyday words or brands too (Mark, Grace,
Hope, Will, Rose, Summer, Austin, Jordan) are left out: a product may be called so.
"""

FIRST_NAMES = frozenset(
    """
    Aaron Abdul Abigail Adam Adrian Agnes Ahmed Aisha Alan Albert Alejandro Alessandro Alex Alexander Alexandra Alexis
    Alfred Ali Alice Alicia Alina Allison Amanda Amelia Amina Amir Amy Ana Anastasia Anders Andrea Andreas Andrei Andrew
    Andrés Angela Angelina Anita Ann Anna Anne Annette Annika Anthony Antoine Anton Antonio Anya Arjun Arthur Astrid Aya
    Barbara Beatrice Ben Benjamin Bernard Beth Betty Birgit Björn Brandon Brenda Brian Bruce Camila Camille Carla Carlos
    Carmen Carol Caroline Catherine Cecilia Chen Chiara Chloe Chloé Chris Christian Christina Christine Christopher
    Claire Clara Claudia Colin Connor Craig Cynthia Daniel Daniela Danielle David Deborah Debra Deepak Denise Dennis
    Diana Diego Dmitri Dmitry Dominik Donald Donna Dorothy Douglas Dylan Edith Eduardo Edward Eileen Elena Eleanor Eli
    Elif Elijah Elisabeth Elizabeth Ella Ellen Emily Emma Emil Emmanuel Eric Erik Erika Esther Ethan Eugene Eva Evelyn
    Fabian Farah Fatima Felix Fernando Fiona Florian Frances Francesca Francesco Francis Frank Franz Fred Frederick
    Frieda Gabriel Gabriela Gary George Gerald Gerhard Giovanni Giulia Gloria Gordon Greg Gregory Greta Guillermo Gustav
    Hana Hannah Hans Harold Harry Hassan Heather Heidi Helen Helena Henrik Henry Hiroshi Holger Hugo Ian Ibrahim Igor
    Ines Ingrid Irene Irina Isaac Isabel Isabella Isla Ivan Jacob Jacqueline Jakob James Jamie Jan Jana Jane Janet
    Jason Javier Jean Jeff Jeffrey Jennifer Jens Jeremy Jesse Jessica Jill Jim Joan Joanna Joe Joel Johan Johanna
    Johannes John Jonas Jonathan Jorge Joseph Joshua José João Juan Judith Judy Julia Julian Julie Jürgen Kamal Karen
    Karim Karl Karla Kate Katharina Katherine Kathleen Kathryn Katie Keith Kelly Kenji Kenneth Kerstin Kevin Khalid
    Kofi Kwame Lara Larry Lars Laura Lauren Lea Leila Lena Leo Leon Leonardo Leonie Leslie Liam Lina Linda Lisa Liu
    Logan Lorenzo Louis Louise Luca Lucas Lucia Lucy Luis Lukas Luke Magdalena Malik Manuel Marco Marcus Margaret Maria
    Marie Marina Mario Marion Marta Martha Martin Martina Mary María Mateo Matteo Matthew Matthias Maurice Max Maya
    Megan Mei Mehmet Melanie Melissa Mia Michael Michelle Miguel Mikhail Mila Milan Mohamed Mohammed Monica Muhammad
    Nadia Nancy Natalia Natalie Nathan Neha Niamh Nicholas Nicola Nicolas Nicole Niels Nikhil Nina Noah Noor Nora Olaf
    Oleg Olga Oliver Olivia Omar Oscar Oskar Otto Owen Pablo Pamela Patricia Patrick Paul Paula Paulo Pavel Pedro Peter
    Petra Philip Philippe Pierre Priya Rachel Rafael Raj Rajesh Ralf Ralph Ramón Raquel Rashid Raymond Rebecca Ricardo
    Richard Rita Robert Roberto Roger Roland Ronald Rosa Rosalind Ruth Ryan Sabine Samantha Samuel Sandra Sanjay Sara
    Sarah Scott Sean Sebastian Sergei Shannon Sharon Simon Simone Siobhan Sofia Sonia Sophia Sophie Stefan Stefano
    Stephanie Stephen Steve Steven Sunita Susan Susanne Svetlana Sven Sylvia Tamara Tanya Tatiana Teresa Theodore
    Theresa Thomas Tim Timothy Tobias Todd Tom Tomasz Tony Tyler Ulrich Ursula Valentina Vera Veronica Victor Victoria
    Vijay Vikram Vincent Virginia Vladimir Walter Wanda Wei Werner William Wolfgang Yasmin Yuki Yusuf Yvonne Zachary
    Zahra Zeynep Zoe Zoë
    """.split()
)
